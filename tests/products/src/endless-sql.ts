/** An expression that keeps one core busy for hours: DuckDB cannot know the largest value before it has seen them all. */
export const endlessSql =
  '(select max(one.x * 31 + two.y) from range(100000000) as one(x) cross join range(100000) as two(y)) is not null';
