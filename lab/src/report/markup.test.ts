import { expect, it } from "vitest";
import { markup } from "./markup.ts";

it("escapes what is put in, between tags and in attributes", () => {
  const text = `<script>"it's" & more</script>`;
  expect(markup`<p title="${text}">${text}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;">' +
      "&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;</p>",
  );
});

it("puts markup in as it is, lists item by item, null not at all", () => {
  const items = ["<a>", "b"].map((item) => markup`<li>${item}</li>`);
  expect(markup`<ul>${items}${null}${[1, [null, "c"]]}</ul>`.text).toBe(
    "<ul><li>&lt;a&gt;</li><li>b</li>1c</ul>",
  );
});
