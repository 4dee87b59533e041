/** Province id → [column, row] of the 34-tile grid. Equal tiles: no boundary data, small provinces stay readable. */
export const TILES: Readonly<Record<string, readonly [column: number, row: number]>> = {
  黑龙江: [8, 0],
  内蒙古: [5, 1],
  辽宁: [7, 1],
  吉林: [8, 1],
  新疆: [0, 2],
  甘肃: [2, 2],
  宁夏: [3, 2],
  山西: [4, 2],
  河北: [5, 2],
  北京: [6, 2],
  天津: [7, 2],
  西藏: [0, 3],
  青海: [1, 3],
  陕西: [3, 3],
  河南: [4, 3],
  山东: [5, 3],
  江苏: [6, 3],
  上海: [7, 3],
  四川: [2, 4],
  重庆: [3, 4],
  湖北: [4, 4],
  安徽: [5, 4],
  浙江: [6, 4],
  云南: [2, 5],
  贵州: [3, 5],
  湖南: [4, 5],
  江西: [5, 5],
  福建: [6, 5],
  台湾: [7, 5],
  广西: [4, 6],
  广东: [5, 6],
  香港: [6, 6],
  海南: [4, 7],
  澳门: [5, 7],
};

/** Upper bounds of the heat classes: 0, then four even steps to a round number at or above the largest count. */
export function heatSteps(largest: number): number[] {
  const step = Math.max(1, Math.ceil(largest / 4));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(step)) - 1);
  const round = Math.ceil(step / unit) * unit;
  return [0, round, round * 2, round * 3, round * 4];
}

/** Heat class of a count, 0 to 4. */
export function heat(count: number, steps: readonly number[]): number {
  const index = steps.findIndex((bound) => count <= bound);
  return index === -1 ? steps.length - 1 : index;
}
