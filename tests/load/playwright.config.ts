import { asked, suitesConfig } from "../../scripts/suites.js";

export default suitesConfig({ load: asked.load });
