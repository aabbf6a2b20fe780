// What every test starts from: a clean address, a clean page, and a browser without matchMedia's surprises.
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

beforeEach(() => {
  window.location.hash = "";
  localStorage.clear();
});

afterEach(cleanup);
