/**
 * An SQL expression: a JSON list of `item` (an expression that gives JSON text) over `from`, in order. sqld's parser does not know
 * ORDER BY inside an aggregate, and the JSON subtype does not pass a subquery, hence the form.
 */
export const jsonListSql = (item: string, from: string, orderBy: string): string =>
  `json((SELECT json_group_array(json(listed.item)) FROM (SELECT ${item} AS item FROM ${from} ORDER BY ${orderBy}) AS listed))`;
