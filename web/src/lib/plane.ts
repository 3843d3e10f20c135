// A plane of points (0..10000 both ways) looked at through a window: where a point stands on the screen, which is nearest to a place.
export class Plane {
  private cells = new Map<number, number[]>();
  private static readonly cell = 100;

  constructor(readonly x: number[], readonly y: number[]) {
    for (let i = 0; i < x.length; ++i) {
      if (x[i]! < 0) continue;         // erased
      const key = this.key(x[i]!, y[i]!);
      const there = this.cells.get(key);
      if (there) there.push(i);
      else this.cells.set(key, [i]);
    }
  }
  private key(x: number, y: number) { return Math.floor(x / Plane.cell) * 1000 + Math.floor(y / Plane.cell); }

  // The points nearest to a place, nearest first, none farther than `most_away`.
  nearest(x: number, y: number, most: number, most_away: number): number[] {
    const found: { i: number; away: number }[] = [];
    const column = Math.floor(x / Plane.cell), line = Math.floor(y / Plane.cell), rings = Math.ceil(most_away / Plane.cell);
    for (let ring = 0; ring <= rings; ++ring) {
      for (let dx = -ring; dx <= ring; ++dx)
        for (let dy = -ring; dy <= ring; ++dy) {
          if (Math.max(Math.abs(dx), Math.abs(dy)) !== ring) continue;
          for (const i of this.cells.get((column + dx) * 1000 + line + dy) ?? []) {
            const away = Math.hypot(this.x[i]! - x, this.y[i]! - y);
            if (away <= most_away) found.push({ i, away });
          }
        }
      if (found.length >= most && ring * Plane.cell > found.map((one) => one.away).sort((a, b) => a - b)[most - 1]!) break;
    }
    return found.sort((a, b) => a.away - b.away).slice(0, most).map((one) => one.i);
  }
}

export interface View { x: number; y: number; scale: number }   // the middle of the window, and screen pixels for one unit
