import { asked, suitesConfig } from "../../scripts/suites.js";

export default suitesConfig({ large: asked.large });
