/** Inputs and outputs that are no column, as every protocol calls them. */
export const predictionIdName = 'prediction_id';
export const imageBytesName = 'image_bytes';
export const scoreName = 'score';
/** Request metadata or header: `off` keeps rows that nobody is shown out of the prediction log. */
export const predictionLogKey = 'adstocrat-prediction-log';
/** Answer metadata or header: the ids of few rows, in row order, each percent-encoded, commas between. */
export const predictionIdKey = 'adstocrat-prediction-id';
/** Request metadata: `body` asks for the ids as an output. */
export const predictionIdsKey = 'adstocrat-prediction-ids';
