import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OpeningHours, opennessAt, WEEKDAYS } from "./opening-hours.ts";

const at = (text: string): number => Date.parse(text);
const hours = (weekly: OpeningHours["weekly"], exceptions: OpeningHours["exceptions"] = {}): OpeningHours => ({ weekly, exceptions });
const everyDay = (...windows: [string, string][]) => hours(Object.fromEntries(WEEKDAYS.map((day) => [day, windows])));

function told(given: OpeningHours, zone: string, time: string) {
  const { is_open, next_change_at_ms } = opennessAt(given, zone, at(time));
  return [is_open, next_change_at_ms === null ? null : new Date(next_change_at_ms).toISOString()];
}

describe("opening hours", () => {
  // 2026-11-20 is a Friday.
  const lunchAndDinner = hours({
    fri: [
      ["11:00", "14:00"],
      ["18:00", "02:00"],
    ],
    sat: [["18:00", "23:00"]],
  });

  it.each([
    ["2026-11-20T02:59:59.999Z", false, "2026-11-20T03:00:00.000Z"],
    ["2026-11-20T03:00:00.000Z", true, "2026-11-20T06:00:00.000Z"],
    ["2026-11-20T06:00:00.000Z", false, "2026-11-20T10:00:00.000Z"],
    ["2026-11-20T17:30:00.000Z", true, "2026-11-20T18:00:00.000Z"],
    ["2026-11-20T18:00:00.000Z", false, "2026-11-21T10:00:00.000Z"],
    ["2026-11-21T16:00:00.000Z", false, "2026-11-27T03:00:00.000Z"],
  ])("in Singapore at %s: open %s until %s", (time, isOpen, next) => {
    expect(told(lunchAndDinner, "Asia/Singapore", time)).toEqual([isOpen, next]);
  });

  it("follow an exception's windows on its date, and none where it has none", () => {
    const given = hours({ fri: [["09:00", "17:00"]], sat: [["09:00", "17:00"]] }, { "2026-12-25": [], "2026-12-26": [["12:00", "13:00"]] });
    expect(told(given, "UTC", "2026-12-25T10:00:00Z")).toEqual([false, "2026-12-26T12:00:00.000Z"]);
    expect(told(given, "UTC", "2026-12-26T12:30:00Z")).toEqual([true, "2026-12-26T13:00:00.000Z"]);
    expect(told(given, "UTC", "2026-12-26T13:00:00Z")).toEqual([false, "2027-01-01T09:00:00.000Z"]);
  });

  it("run together where one window ends as another begins", () => {
    expect(told(hours({ fri: [["09:00", "24:00"]], sat: [["00:00", "12:00"]] }), "UTC", "2026-11-20T20:00:00Z")).toEqual([
      true,
      "2026-11-21T12:00:00.000Z",
    ]);
  });

  it("never close where they are all day, and never open where there are none", () => {
    const always = opennessAt(everyDay(["00:00", "24:00"]), "Europe/Dublin", at("2026-11-20T20:00:00Z"));
    expect(always.is_open).toBe(true);
    expect(always.next_change_at_ms).toBeGreaterThan(at("2026-11-27T00:00:00Z"));
    expect(opennessAt(hours({}), "Europe/Dublin", at("2026-11-20T20:00:00Z"))).toEqual({ is_open: false, next_change_at_ms: null });
  });

  describe("where the clocks change", () => {
    // Dublin: 2026-03-29 01:00 → 02:00, 2026-10-25 02:00 → 01:00.
    it("skip what the clocks skip", () => {
      const night = everyDay(["00:30", "01:30"]);
      expect(told(night, "Europe/Dublin", "2026-03-29T00:45:00Z")).toEqual([true, "2026-03-29T01:00:00.000Z"]);
      expect(told(night, "Europe/Dublin", "2026-03-29T01:15:00Z")).toEqual([false, "2026-03-29T23:30:00.000Z"]);
      const gone = everyDay(["01:10", "01:50"]);
      expect(told(gone, "Europe/Dublin", "2026-03-29T00:59:00Z")).toEqual([false, "2026-03-30T00:10:00.000Z"]);
      const opensInGap = everyDay(["01:30", "05:00"]);
      expect(told(opensInGap, "Europe/Dublin", "2026-03-29T00:59:00Z")).toEqual([false, "2026-03-29T01:00:00.000Z"]);
    });

    it("count once what the clocks show twice", () => {
      const night = everyDay(["01:00", "01:30"]);
      expect(told(night, "Europe/Dublin", "2026-10-25T00:15:00Z")).toEqual([true, "2026-10-25T00:30:00.000Z"]);
      expect(told(night, "Europe/Dublin", "2026-10-25T01:15:00Z")).toEqual([false, "2026-10-26T01:00:00.000Z"]);
    });

    it("keep local time on both sides", () => {
      const day = everyDay(["09:00", "17:00"]);
      expect(told(day, "America/New_York", "2026-03-07T13:59:00Z")).toEqual([false, "2026-03-07T14:00:00.000Z"]);
      expect(told(day, "America/New_York", "2026-03-08T12:59:00Z")).toEqual([false, "2026-03-08T13:00:00.000Z"]);
      expect(told(day, "Australia/Lord_Howe", "2026-04-04T22:29:00Z")).toEqual([false, "2026-04-04T22:30:00.000Z"]);
    });

    it("leave out a date that a zone has not got", () => {
      // Samoa went from 2011-12-29 to 2011-12-31.
      expect(told(everyDay(["09:00", "17:00"]), "Pacific/Apia", "2011-12-30T03:00:00Z")).toEqual([false, "2011-12-30T19:00:00.000Z"]);
    });
  });

  it("change when they say, and not before", () => {
    const time = fc
      .integer({ min: 0, max: 1_439 })
      .map((m) => `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`);
    const windows = fc.array(fc.tuple(time, time), { maxLength: 3 });
    const week = fc.record(Object.fromEntries(WEEKDAYS.map((day) => [day, windows])), { requiredKeys: [] });
    const zone = fc.constantFrom("Asia/Singapore", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    const moment = fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z") });
    fc.assert(
      fc.property(week, zone, moment, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (weekly, timezone, nowMs, part) => {
        const given = hours(weekly as OpeningHours["weekly"]);
        const { is_open, next_change_at_ms } = opennessAt(given, timezone, nowMs);
        if (next_change_at_ms === null) return !is_open;
        expect(next_change_at_ms).toBeGreaterThan(nowMs);
        const between = nowMs + Math.floor((next_change_at_ms - nowMs) * part);
        expect(opennessAt(given, timezone, between).is_open).toBe(is_open);
        if (next_change_at_ms - nowMs < 7 * 86_400_000) expect(opennessAt(given, timezone, next_change_at_ms).is_open).toBe(!is_open);
        return true;
      }),
      { numRuns: 150 },
    );
  });
});
