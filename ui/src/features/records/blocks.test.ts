import { describe, expect, it } from "vitest";
import type { Rows } from "../../backend/generated/wire";
import { BLOCK, Blocks } from "./blocks";

interface Ask {
  start: number;
  count: number;
  answer(): Promise<void>;
  refuse(cause: unknown): Promise<void>;
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function bench(total: number): { blocks: Blocks; asks: Ask[]; arrived: number[]; failed: unknown[] } {
  const asks: Ask[] = [];
  const arrived: number[] = [];
  const failed: unknown[] = [];
  const blocks = new Blocks(total, {
    now: () => 0,
    arrived: (rows) => arrived.push(rows.start),
    failed: (cause) => failed.push(cause),
    fetch: (start, count) =>
      new Promise<Rows>((resolve, reject) => {
        const rows = Array.from({ length: count }, (_, at) => ({ id: String(start + at), gone: false, cells: [] }));
        asks.push({
          start,
          count,
          answer: () => (resolve({ start, rows, changed: 0 }), settled()),
          refuse: (cause) => (reject(cause as Error), settled()),
        });
      }),
  });
  return { blocks, asks, arrived, failed };
}

describe("blocks of rows", () => {
  it("what is in view is asked for first, then the next block in the direction of travel", async () => {
    const { blocks, asks } = bench(1_000_000);
    blocks.want(500_010, 500_040, 1);
    await asks[0]?.answer();
    expect(asks.map((ask) => ask.start)).toEqual([500_000, 500_100]);
    expect(blocks.row(500_012)?.id).toBe("500012");
    expect(blocks.row(500_112)).toBeNull();
  });

  it("the last block is only as long as there are rows", async () => {
    const { blocks, asks } = bench(1_234);
    blocks.want(1_210, 1_233, 1);
    expect(asks[0]).toMatchObject({ start: 1_200, count: 34 });
    await asks[0]?.answer();
    expect(blocks.row(1_233)?.id).toBe("1233");
    expect(blocks.row(1_234)).toBeNull();
  });

  it("requests that were scrolled past are never sent", async () => {
    const { blocks, asks } = bench(1_000_000);
    for (let at = 0; at <= 900_000; at += 10_000) blocks.want(at, at + 30, 1);
    expect(asks).toHaveLength(2);
    await asks[0]?.answer();
    await asks[1]?.answer();
    expect(asks.map((ask) => ask.start)).toEqual([0, 100, 900_000, 900_100]);
  });

  it("a block is asked for once, however often it is wanted", async () => {
    const { blocks, asks } = bench(1_000);
    for (let times = 0; times < 5; times++) blocks.want(0, 30, 1);
    await asks[0]?.answer();
    for (let times = 0; times < 5; times++) blocks.want(0, 30, 1);
    expect(asks.filter((ask) => ask.start === 0)).toHaveLength(1);
  });

  it("the rows used longest ago are let go, the ones in view never", async () => {
    const { blocks, asks } = bench(100_000);
    for (let index = 0; index < 80; index++) {
      blocks.want(0, 10, -1);
      await Promise.all(asks.map((ask) => ask.answer()));
      blocks.want(index * BLOCK, index * BLOCK + 10, -1);
      await Promise.all(asks.map((ask) => ask.answer()));
    }
    expect(blocks.row(0)).not.toBeNull();
    expect(blocks.row(5 * BLOCK)).toBeNull();
    expect(blocks.row(79 * BLOCK)).not.toBeNull();
  });

  it("after a failure nothing more is asked until told to, and the rows that are here stay", async () => {
    const { blocks, asks, failed } = bench(1_000);
    blocks.want(0, 30, 1);
    await asks[0]?.answer();
    await asks[1]?.refuse("lost");
    blocks.want(300, 330, 1);
    expect(failed).toEqual(["lost"]);
    expect(asks).toHaveLength(2);
    expect(blocks.row(7)?.id).toBe("7");
    blocks.retry();
    expect(asks[2]?.start).toBe(300);
  });

  it("answers after closing change nothing", async () => {
    const { blocks, asks, arrived } = bench(1_000);
    blocks.want(0, 30, 1);
    blocks.close();
    await asks[0]?.answer();
    expect(arrived).toEqual([]);
    expect(blocks.row(0)).toBeNull();
  });

  it("a single row is fetched with its block, once for many askers", async () => {
    const { blocks, asks } = bench(1_000);
    const both = Promise.all([blocks.at(512), blocks.at(513)]);
    expect(asks).toHaveLength(1);
    await asks[0]?.answer();
    expect((await both).map((row) => row?.id)).toEqual(["512", "513"]);
    expect(await blocks.at(1_000)).toBeNull();
    expect(await blocks.at(-1)).toBeNull();
  });
});
