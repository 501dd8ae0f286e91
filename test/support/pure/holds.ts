import type { BatchResult, Condition } from "../../../src/platform/db/hrana.ts";

/** Whether a step's condition holds, by what the steps before it came to. */
export function holds(condition: Condition, { results, errors }: BatchResult, isAutocommit: boolean): boolean {
  switch (condition.type) {
    case "ok":
      return results[condition.step] != null;
    case "error":
      return errors[condition.step] != null;
    case "not":
      return !holds(condition.cond, { results, errors }, isAutocommit);
    case "and":
      return condition.conds.every((each) => holds(each, { results, errors }, isAutocommit));
    case "or":
      return condition.conds.some((each) => holds(each, { results, errors }, isAutocommit));
    case "is_autocommit":
      return isAutocommit;
  }
}
