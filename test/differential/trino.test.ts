import { expect, it } from 'vitest';
import { exact } from './trino.js';

it.each([
  ['9007199254740993', '9007199254740993'],
  ['-9007199254740993', '-9007199254740993'],
  ['"12345678901234567890, and \\"1"', '12345678901234567890, and "1'],
  ['42', 42],
  ['1.1764705882352942', 1.1764705882352942],
  ['1234567890123456.5', 1234567890123456.5],
  ['1.5E-10', 1.5e-10],
  ['1E1234567890123456', Number.POSITIVE_INFINITY],
])('a value of Trino, %s, keeps its digits', (json, value) => {
  expect(JSON.parse(exact(`{"data": [[${json}, null]], "more":${json}}`))).toEqual({
    data: [[value, null]],
    more: value,
  });
});
