import { expect, test } from "vitest";
import { ApiError, cookie } from "./http";

test("the CSRF cookie is found among others, and not by its ending", () => {
  expect(cookie("csrftoken", "a=1; xcsrftoken=no; csrftoken=yes%3D; b=2")).toBe("yes=");
  expect(cookie("csrftoken", "xcsrftoken=no")).toBe("");
});

test("an error speaks the page's language and says what to do", () => {
  const error = new ApiError(409, {
    code: "order.conflict",
    zh: "订单已变",
    en: "The order changed",
    advice_zh: "请重试",
    advice_en: "Try again",
  });
  expect([error.text("zh"), error.advice("en")]).toEqual(["订单已变", "Try again"]);
});
