import { expect, it } from "vitest";
import { markup } from "./markup.ts";

it("a template escapes inserted values between tags and in attributes", () => {
  const text = `<script>"it's" & more</script>`;
  expect(markup`<p title="${text}">${text}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;">' +
      "&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;</p>",
  );
});

it("a template inserts markup unchanged, lists item by item, and null as nothing", () => {
  const items = ["<a>", "b"].map((item) => markup`<li>${item}</li>`);
  expect(markup`<ul>${items}${null}${[1, [null, "c"]]}</ul>`.text).toBe(
    "<ul><li>&lt;a&gt;</li><li>b</li>1c</ul>",
  );
});
