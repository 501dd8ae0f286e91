import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AddressRefusal, checkImageAddress, isPublicAddress } from "./image-address.ts";

const NOBODY = new Set<string>();
const verdict = (text: string, named = NOBODY): AddressRefusal | "ok" => {
  const found = checkImageAddress(text, named);
  return found.ok ? "ok" : found.reason;
};

describe("refused as it is written", () => {
  const table: [AddressRefusal, string[]][] = [
    [
      "address_private",
      [
        "http://127.0.0.1/a.png",
        "http://127.1/a.png",
        "http://127.255.255.254/a.png",
        "http://0.0.0.0/",
        "http://0/",
        "http://0.1.2.3/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://192.168.257/",
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials",
        "http://100.64.0.1/",
        "http://100.100.100.200/latest/meta-data/",
        "http://100.127.255.255/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.7/",
        "http://203.0.113.7/",
        "http://224.0.0.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://168.63.129.16/metadata/instance",
        // Octal, hexadecimal, one number, mixed, short.
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://0xA9.0xFE.0xA9.0xFE/",
        "http://169.254.43518/",
        "http://10.1/",
        // Dots, escapes, letters that look like others.
        "http://127.0.0.1./",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://１２７.0.0.1/",
        "http://⑯⑨.②⑤④.⑯⑨.②⑤④/",
        "http://127。0。0。1/",
        "http:\\\\127.0.0.1\\a.png",
        "http:127.0.0.1/a.png",
        "http:/127.0.0.1/a.png",
        "http:///127.0.0.1/a.png",
        " \thttp://127.0.0.1/a.png\n",
        "http://127.0.0\t.1/",
        "HTTP://127.0.0.1/",
        "http://127.0.0.1:80/",
        "https://127.0.0.1:443/",
        // IPv6.
        "http://[::1]/",
        "http://[::]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0000::0001]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:8.8.8.8]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[fd12:3456:789a::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        // Names that lead inside.
        "http://localhost/",
        "http://LOCALHOST/",
        "http://localhost./",
        "http://localhost../",
        "http://a.localhost/",
        "http://a.b.localhost./",
        "http://ｌｏｃａｌｈｏｓｔ/",
        "http://l%6fcalhost/",
        "http://localhost.localdomain/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://metadata.google.internal./",
        "http://METADATA.GOOGLE.INTERNAL/",
        "http://metadata/",
        "http://instance-data/latest/",
        "http://kubernetes.default.svc.cluster.local/",
        "http://printer.local/",
        "http://intranet/",
        "http://files.corp/",
        "http://router.lan/",
        "http://nas.home/",
        "http://nas.home.arpa/",
        "http://1.0.0.127.in-addr.arpa/",
        "http://example.onion/",
      ],
    ],
    [
      "address_credentials",
      [
        "http://user@images.example/",
        // In parts, or it would look like somebody's.
        ["http://user", "secret@images.example/"].join(":"),
        ["http://", "secret@images.example/"].join(":"),
        "http://images.example@127.0.0.1/",
        "http://images.example%40@127.0.0.1/",
        "http://images.example\\@127.0.0.1/".replace("\\", "%5c"),
      ],
    ],
    [
      "address_port",
      [
        "http://images.example:22/",
        "http://images.example:443/",
        "https://images.example:80/",
        "http://images.example:6379/",
        "http://127.0.0.1:8787/",
        "http://[::1]:9000/",
        "http://localhost:8080/",
      ],
    ],
    [
      "address_scheme",
      [
        "file:///etc/passwd",
        "ftp://images.example/a.png",
        "gopher://127.0.0.1:6379/_INFO",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "blob:http://images.example/1",
        "ws://images.example/",
        "dict://127.0.0.1:11211/stat",
        "localhost:80/a.png",
      ],
    ],
    [
      "address_unreadable",
      [
        "",
        "/a.png",
        "//images.example/a.png",
        "images.example/a.png",
        "http://",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        "http://127.0.0.0x100000000/",
        "http://images example/",
        `http://images.example/${"a".repeat(2_048)}`,
      ],
    ],
  ];
  test.each(table.flatMap(([reason, texts]) => texts.map((text) => [text.slice(0, 80), text, reason] as const)))(
    "%j",
    (_, text, reason) => {
      expect(verdict(text)).toBe(reason);
    },
  );

  test("they are many", () => {
    expect(table.flatMap(([, texts]) => texts).length).toBeGreaterThan(100);
  });
});

describe("taken", () => {
  test.each([
    "http://images.example/a.png",
    "https://cdn.images.example/a/b.jpg?w=200#x",
    "https://images.example:443/",
    "http://images.example:80/",
    "https://images.example./a.png",
    "https://8.8.8.8/a.png",
    "http://172.15.255.255/",
    "http://172.32.0.1/",
    "http://100.63.255.255/",
    "http://100.128.0.1/",
    "http://169.253.255.255/",
    "http://223.255.255.255/",
    "https://[2606:4700:4700::1111]/a.png",
    "https://[2a00:1450:4001:81b::200e]/",
    "https://localhost.example/",
    "https://internal.images.example/",
    "https://bücher.example/a.png",
    // Such a name leads inside only once it is resolved.
    "http://127.0.0.1.nip.io/a.png",
  ])("%s", (text) => {
    expect(verdict(text)).toBe("ok");
  });

  test("a named host, at its port alone", () => {
    const named = new Set(["127.0.0.1:8787", "images.test:80", "[::1]:9000"]);
    for (const text of ["http://127.0.0.1:8787/a.png", "http://images.test/a.png", "http://0x7f.1:8787/", "http://[::1]:9000/"])
      expect(checkImageAddress(text, named)).toMatchObject({ ok: true, is_named: true });
    expect(verdict("http://127.0.0.1:8788/", named)).toBe("address_port");
    expect(verdict("http://127.0.0.1/", named)).toBe("address_private");
    expect(verdict("http://user@127.0.0.1:8787/", named)).toBe("address_credentials");
    expect(verdict("ftp://127.0.0.1:8787/", named)).toBe("address_scheme");
  });
});

describe("addresses that a name resolves to", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "::1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "64:ff9b::a00:1",
    "",
    "x",
    "1.2.3",
    "1.2.3.400",
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));

  test.each(["1.1.1.1", "93.184.216.34", "2606:4700::6810:84e5", "2A00:1450::1"])("%s is", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  test("no spelling of a private IPv4 address gets through", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const inside = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    );
    const spelling = fc.constantFrom(
      (part: number) => String(part),
      (part: number) => `0${part.toString(8)}`,
      (part: number) => `0x${part.toString(16)}`,
      (part: number) => `0X000${part.toString(16).toUpperCase()}`,
    );
    fc.assert(
      fc.property(inside, fc.array(spelling, { minLength: 4, maxLength: 4 }), fc.boolean(), (octets, spell, isWhole) => {
        const number = octets.reduce((sum, part) => sum * 256 + part, 0);
        const host = isWhole ? (spell[0]?.(number) ?? "") : octets.map((part, index) => spell[index]?.(part)).join(".");
        expect(verdict(`http://${host}/a.png`)).toBe("address_private");
        expect(verdict(`http://[::ffff:${octets.join(".")}]/a.png`)).toBe("address_private");
      }),
    );
  });
});
