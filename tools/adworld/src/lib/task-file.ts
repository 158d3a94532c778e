/** Lengths of the time split, in days, as `task.yaml` says. */
export const testDays = 14;
export const validationDays = 7;

/** `task.yaml` of every world. */
export const taskFile = `name: adworld
data:
  examples: [impressions/month=*/part-*.csv, impressions/month=*/part-*.csv.gz]
  tables: [{path: ads.csv, key: creative_id}]
label: clicked
id: impression_id
eventTime: shown_at
unit: user_id
item: creative_id
image: {column: image_path, base: creatives/}
impressions: prediction
window: 1h
split: {by: time, test: ${testDays}d, validation: ${validationDays}d}
features: {headline: ignore, launched_on: ignore}
slices: [[device], [audience], [vertical, device]]
rollout: {shadow: 0s, canary: [10%, 50%], step: 10m}
personal: {user_id: hash}
`;
