import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../kernel/bytes.ts";
import { imageTypeOf } from "./image-type.ts";
import { svgProblem } from "./svg-problem.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("the type by its first bytes", () => {
  test.each([
    ["jpg", latin1("\xff\xd8\xff\xe0\x00\x10JFIF")],
    ["png", latin1("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")],
    ["gif", latin1("GIF89a\x01\x00")],
    ["gif", latin1("GIF87a\x01\x00")],
    ["webp", latin1("RIFF\x24\x00\x00\x00WEBPVP8 ")],
    ["avif", latin1("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf")],
    ["avif", latin1("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00miafavif")],
    ["svg", utf8('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["svg", utf8('\uFEFF<?xml version="1.0"?>\n<!-- by hand -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<svg >')],
    ["svg", utf8('<s:svg xmlns:s="http://www.w3.org/2000/svg">')],
    [null, utf8("<!doctype html><html><body><svg>")],
    [null, utf8("not an image")],
    [null, latin1("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42")],
    [null, latin1("\x00\x00\x00\x18ftypmif1avif\x00\x00\x00\x00")],
    [null, latin1("RIFF\x24\x00\x00\x00WAVEfmt ")],
    [null, latin1("\x1f\x8b\x08")],
    [null, latin1("%PDF-1.7")],
    [null, new Uint8Array()],
    [null, latin1("\x89PN")],
  ])("%s", (type, bytes) => {
    expect(imageTypeOf(bytes)).toBe(type);
  });
});

describe("an SVG that does more than draw", () => {
  const wrapped = (inner: string) => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">${inner}</svg>`;
  test.each([
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    '<script href="data:,alert(1)"/>',
    '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
    "<script\n>1</script>",
    '<rect onclick="alert(1)"/>',
    '<rect fill="red"onload="alert(1)"/>',
    "<rect ONLOAD = 'alert(1)'/>",
    "<rect/onload=alert(1) />",
    "<foreignObject><b/></foreignObject>",
    "<foreignobject/>",
    '<iframe src="#"/>',
    '<image href="http://images.example/a.png"/>',
    '<image xlink:href="//images.example/a.png"/>',
    '<image href="/a.png"/>',
    '<image href="data:image/svg+xml;base64,PHN2Zz4="/>',
    '<use href="other.svg#a"/>',
    '<a href="javascript:alert(1)"><rect/></a>',
    '<a href="java&#115;cript:alert(1)"><rect/></a>',
    '<a href="java&#x73;cript&#58;alert(1)"><rect/></a>',
    '<a href="jav\tascript:alert(1)"><rect/></a>',
    '<a xlink:href="&#104;ttp://images.example"><rect/></a>',
    '<animate attributeName="href" to="javascript:alert(1)"/>',
    '<set attributeName="href" to="x"/>',
    '<rect style="fill:url(http://images.example/a)"/>',
    "<rect fill=\"url( '//images.example/a#b')\"/>",
    '<rect style="fill:\\75 rl(http://images.example/a)"/>',
    "<style>@import 'http://images.example/a.css';</style>",
    "<style>@\\69mport 'a.css';</style>",
    '<style>rect{background:image-set("http://images.example/a.png" 1x)}</style>',
    "<audio/>",
  ])("%s", (inner) => {
    expect(svgProblem(utf8(wrapped(inner)))).not.toBeNull();
  });

  test.each([
    '<?xml-stylesheet href="a.css"?><svg/>',
    '<!DOCTYPE svg [<!ENTITY x "y">]><svg/>',
    '<!DOCTYPE svg SYSTEM "a.dtd" [ ]><svg/>',
    '<svg onload="alert(1)"/>',
  ])("%s", (text) => {
    expect(svgProblem(utf8(text))).not.toBeNull();
  });

  test("text that is not UTF-8", () => {
    expect(svgProblem(latin1("<svg>\xff\xfe</svg>"))).not.toBeNull();
    expect(svgProblem(latin1("<\0s\0v\0g\0>\0"))).not.toBeNull();
  });

  test.each([
    '<path d="M0 0h1"/>',
    '<linearGradient id="a"/><rect fill="url(#a)"/><use xlink:href="#a"/><use href="#a"/>',
    '<image href="data:image/png;base64,iVBORw0KGgo="/>',
    "<title>Onions = good, on sale</title><desc>description</desc>",
    "<style>.a{fill:#fff}</style>",
    '<metadata id="m"/>',
    '<filter id="f"><feColorMatrix values="0.3 0.6 0.1"/></filter>',
  ])("drawing alone is taken: %s", (inner) => {
    expect(svgProblem(utf8(wrapped(inner)))).toBeNull();
  });

  test("long and hostile text is read in no time", () => {
    const startedMs = performance.now();
    for (const piece of ["<!-- -->", "<!DOCTYPE", " on", ' href="', "<x:", "url(", "&#x", "\\6", "<?", " href=/"]) {
      const bytes = utf8(`<svg>${piece.repeat(200_000 / piece.length)}`);
      svgProblem(bytes);
      imageTypeOf(bytes.subarray(5, 4_101));
    }
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test("the demo's pictures are taken", () => {
    const folder = join(import.meta.dirname, "../../../public/demo");
    const files = readdirSync(folder).filter((name) => name.endsWith(".svg"));
    expect(files.length).toBeGreaterThan(10);
    for (const name of files) {
      const bytes = readFileSync(join(folder, name));
      expect([name, imageTypeOf(bytes), svgProblem(bytes)]).toEqual([name, "svg", null]);
    }
  });
});
