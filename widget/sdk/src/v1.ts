// The script at /embed/v1.js: registers <tali-assessment> and offers `Tali`, the only global it adds.
import { defaults, register } from "./element";
import { mount, version } from "./index";
import { scriptOrigin } from "./origin";

// A page that loads the script twice keeps the first: a second element definition would throw.
if (!window.Tali) {
  defaults.origin = scriptOrigin();
  window.Tali = { version, mount };
  register();
}

declare global {
  interface Window {
    Tali?: { version: string; mount: typeof mount };
  }
}
