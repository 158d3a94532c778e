import { describe, expect, it } from 'vitest';
import { composeModel, uncalibrated } from '@adstocrat/models';
import { lookAt } from '../search/look.ts';
import type { SearchResult } from '../search/search-model.ts';
import { runPage } from './run-page.ts';
import type { RunReport } from './run-report.ts';

const spec = composeModel(
  { fields: 1, idRows: 4, dense: 0 },
  { wideL2: 1, embedding: { units: 1, l2: 0, dropout: 0 }, streams: [] },
);
const look = { ...lookAt(Float32Array.of(-1, 1), Float32Array.of(0, 1)), weights: new Map() };
const member = { name: '<script>alert(1)</script>', spec, best: look, epochs: 1, bestEpoch: 1 };
const point = { epoch: 0.5, trainLoss: 0.2, loss: 0.3, auc: 0.7 };
const found: SearchResult = {
  members: [{ ...member, curve: [] }],
  spec,
  weights: new Map(),
  look,
  cost: 1,
  served: { spec, weights: new Map(), logits: look.logits, calibration: uncalibrated, again: ['<i>trees</i>'] },
  calibration: uncalibrated,
  calibrationsTried: [{ method: 'platt', loss: 0.31 }],
  trials: [
    {
      ...member,
      validationLoss: 0.3,
      validationAuc: 0.7,
      chosen: true,
      wentBack: [],
      curve: [point, { ...point, epoch: 1, loss: NaN }],
    },
  ],
  astray: [],
  cautious: false,
};
const none: RunReport = { importance: [], pixels: [], slices: [], calibrationCurve: [] };
const page = (report: RunReport): string =>
  runPage({ title: 'ads & "co"', runId: "r'1", found, report, warnings: ['<b>site</b> tells the label'] });

describe('runPage', () => {
  it('holds no script, nothing from elsewhere, and every name as text', () => {
    const text = page({
      ...none,
      importance: [{ column: '<img src=x>', lossRise: 0.01, aucFall: 0 }],
      pixels: [{ rows: 'all', count: 2, withImages: { logLoss: 0.1, auc: NaN }, without: { logLoss: 0.2, auc: 0.6 } }],
    });
    expect(text).not.toMatch(/<(script|img|b|link|iframe)[\s>]/);
    expect(text).not.toMatch(/https?:|url\(/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('&quot;&lt;i&gt;trees&lt;/i&gt;&quot; was fitted again');
    expect(text).toContain('ads &amp; &quot;co&quot;');
    expect(text).toContain('not defined');
  });

  it('leaves out what is not finite, and draws the rest', () => {
    const text = page(none);
    expect(text).not.toContain('NaN');
    expect(text).not.toContain('Infinity');
    expect(text).toContain('<polyline');
    expect(text).toContain('light dark');
    expect(text).not.toContain('What pixels gave');
  });
});
