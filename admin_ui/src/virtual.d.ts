// Modules that only exist while Vite runs.
declare module "virtual:tali-tokens.css";
declare module "*/brand/tokens.mjs" {
  export function taliTokens(): import("vite").Plugin;
  export function tokensCss(): string;
}
