import { asked, suitesConfig } from "../../scripts/suites.js";

export default suitesConfig({ integration: asked.integration });
