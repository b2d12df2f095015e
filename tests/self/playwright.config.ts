import { asked, suitesConfig } from "../../scripts/suites.js";

export default suitesConfig({ self: asked.self });
