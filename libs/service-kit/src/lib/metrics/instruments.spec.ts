import { describe, expect, it } from 'vitest';
import { counter, histogram, metricsText, observed } from './instruments.ts';

const linesOf = (name: string): readonly string[] =>
  metricsText()
    .split('\n')
    .filter((line) => line.includes(name));

describe('instruments', () => {
  it("are told in Prometheus's text format, the unit in the name and _total for a counter", () => {
    const calls = counter('spec.calls', { unit: '{call}', description: 'Calls.' });
    calls.add(1, { code: 'OK', model: 'a "b" \\ \n' });
    calls.add(2, { code: 'OK', model: 'a "b" \\ \n' });
    const end = observed('spec.waiting_bytes', { unit: 'By', description: 'Bytes.' }, () => [[{}, 7]]);
    expect(linesOf('spec_calls')).toEqual([
      '# HELP spec_calls_total Calls.',
      '# TYPE spec_calls_total counter',
      'spec_calls_total{code="OK",model="a \\"b\\" \\\\ \\n"} 3',
    ]);
    expect(linesOf('spec_waiting')).toEqual([
      '# HELP spec_waiting_bytes Bytes.',
      '# TYPE spec_waiting_bytes gauge',
      'spec_waiting_bytes 7',
    ]);
    end();
    expect(linesOf('spec_waiting')).toEqual([]);
  });

  it('distribute values over cumulative buckets whose bounds belong to them', () => {
    const took = histogram('spec.took', { unit: 's', description: 'Time.', bounds: [0.1, 1] });
    for (const value of [0.1, 0.5, 4]) took.record(value, { model: 'm' });
    expect(linesOf('spec_took').slice(2)).toEqual([
      'spec_took_seconds_bucket{model="m",le="0.1"} 1',
      'spec_took_seconds_bucket{model="m",le="1"} 2',
      'spec_took_seconds_bucket{model="m",le="+Inf"} 3',
      'spec_took_seconds_sum{model="m"} 4.6',
      'spec_took_seconds_count{model="m"} 3',
    ]);
  });

  it('stay small whatever strangers say', () => {
    const strange = counter('spec.strange', { unit: '{call}', description: 'Names.' });
    for (let name = 0; name < 5000; name += 1) strange.add(1, { name });
    const lines = linesOf('spec_strange');
    expect(lines.length).toBeLessThan(2010);
    // 5,000 less the 2,000 that were there first.
    expect(lines.at(-1)).toBe('spec_strange_total{overflow="true"} 3000');
  });
});
