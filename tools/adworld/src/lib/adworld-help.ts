/** What `adstocrat adworld --help` shows. */
export const adworldHelp = `Makes a synthetic world of ads: impressions, ads, images, and a task.yaml that says what to predict.

  --out DIR        folder to make, absent or empty (required)
  --truth DIR      folder for true probabilities and ceilings (default: DIR.truth)
  --seed N         same seed and options, same bytes (default 7)
  --rows N         impressions (default 200000)
  --months N       calendar months from 2026-01 (default 3)
  --creatives N    ads, some of which launch late (default 600)
  --users N        people who see them (default 20000)
  --live-days N    days after the months for which ads are in the catalogue (default 14)
  --click-rate P   share of impressions clicked (default 0.05)
  --image-size N   width and height of an image in pixels (default 64)

Examples:
  adstocrat adworld --out ./world --seed 7 --rows 200000
  adstocrat run --data ./world --task ./world/task.yaml`;
