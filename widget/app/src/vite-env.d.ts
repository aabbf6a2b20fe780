// What the build provides beside the files.
/// <reference types="vite/client" />
declare module "virtual:tali-tokens.css";
