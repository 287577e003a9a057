// Which module of src each octet of a bundle is from, by the source maps of the bundle and of dist.

import { gzipSync } from "node:zlib";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * What each part of a bundle costs, the dearest first: its octets, and by how many octets the compressed bundle is shorter
 * without them.
 *
 * @param {string} code
 * @param {string} map its source map, as JSON
 * @param {(module: string) => string} partOf groups modules, for example by room
 * @returns {{ part: string, octets: number, gzip: number }[]}
 */
export function attribute(code, map, partOf) {
  const ranges = rangesOf(code, map).map((range) => ({ ...range, part: partOf(range.module) }));
  const whole = gzipped(code);
  /** @type {Map<string, number>} */
  const octets = new Map();
  for (const { part, text } of ranges) octets.set(part, (octets.get(part) ?? 0) + text.length);
  const rows = [...octets].map(([part, count]) => {
    const others = ranges.filter((range) => range.part !== part).map(({ text }) => text);
    return { part, octets: count, gzip: whole - gzipped(others.join("")) };
  });
  return rows.sort((a, b) => b.gzip - a.gzip);
}

/** @param {string} text */
function gzipped(text) {
  return gzipSync(text, { level: 9 }).length;
}

/** The pieces of a bundle, each of one module. @param {string} code @param {string} map */
function rangesOf(code, map) {
  /** @type {{ mappings: string, sources: string[] }} */
  const { mappings, sources } = JSON.parse(map);
  const lines = code.split("\n");
  /** @type {{ at: number, module: string }[]} */
  const starts = [{ at: 0, module: "?" }];
  let source = 0;
  let lineStart = 0;
  for (const [line, segments] of mappings.split(";").entries()) {
    let column = 0;
    for (const segment of segments === "" ? [] : segments.split(",")) {
      const [columns = 0, sourceStep] = numbersOf(segment);
      column += columns;
      source += sourceStep ?? 0;
      starts.push({ at: lineStart + column, module: sourceStep === undefined ? "?" : moduleOf(sources[source] ?? "") });
    }
    lineStart += (lines[line]?.length ?? 0) + 1;
  }
  return starts.map(({ at, module }, i) => ({ module, text: code.slice(at, starts[i + 1]?.at ?? code.length) }));
}

/** `src/krb5/principal.ts`, or what follows node_modules. @param {string} source */
function moduleOf(source) {
  return /(?:\/node_modules\/(?!.*\/node_modules\/)|(?=\bsrc\/))(.+)$/.exec(source)?.[1] ?? source;
}

/** Numbers in base 64 of variable length, as source maps have them. @param {string} segment */
function numbersOf(segment) {
  /** @type {number[]} */
  const numbers = [];
  let shift = 0;
  let value = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    shift = value = 0;
  }
  return numbers;
}
