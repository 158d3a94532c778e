/** What both protocols call things: request and answer metadata over gRPC, headers over REST. */

/** Answer: the ids of few rows, in row order, each percent-encoded, commas between. */
export const predictionIdKey = 'adstocrat-prediction-id';
/** Request: `off` keeps rows that nobody is shown out of the prediction log. */
export const predictionLogKey = 'adstocrat-prediction-log';
/** Request over gRPC: `body` asks for the ids as an output. */
export const predictionIdsKey = 'adstocrat-prediction-ids';
/** Input and output tensor, and the REST body's plural of it. */
export const predictionIdName = 'prediction_id';
export const predictionIdsName = 'prediction_ids';
export const signature = 'serving_default';
