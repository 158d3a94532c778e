import { meter } from '@adstocrat/service-kit/telemetry';

const feedback = meter('adstocrat.feedback');

/** Facts that REST took, by `kind`. */
export const factsAccepted = feedback.createCounter('feedback.facts.accepted', { unit: '{fact}' });
/** Facts that came again within a slice of time: said twice on a bus that keeps both, or delivered twice. By `kind`. */
export const factsRepeated = feedback.createCounter('feedback.facts.repeated', { unit: '{fact}' });
/**
 * Requests that REST refused, by `kind` and `reason`: invalid, unavailable, failed; of prediction tokens token_malformed,
 * token_unknown_key, token_signature, token_expired.
 */
export const factsRefused = feedback.createCounter('feedback.requests.refused', { unit: '{request}' });
/** Labels published, by `model`. */
export const labelsPublished = feedback.createCounter('feedback.labels.published', { unit: '{label}' });
/** Alerts that the webhook did not take. */
export const webhookFailures = feedback.createCounter('feedback.webhook.failures', { unit: '{alert}' });
/** Failures of what feedback does in the background, by `duty`. */
export const dutyFailures = feedback.createCounter('feedback.duty.failures', { unit: '{failure}' });
