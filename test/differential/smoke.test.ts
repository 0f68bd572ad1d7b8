import { expect, inject, it } from 'vitest';
import { Trino } from './trino.js';

it('x', async () => {
  const s = inject('services')!;
  expect((await new Trino(s.trino).run('SELECT ? + 1', ['41'])).rows).toEqual([[42]]);
});
