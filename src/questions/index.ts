import { accepted } from './accepted.js';
import { admin } from './admin.js';
import { beacons } from './beacons.js';
import { costs } from './costs.js';
import { coverage } from './coverage.js';
import { egress } from './egress.js';
import { endpoints } from './endpoints.js';
import { ingress } from './ingress.js';
import { internal } from './internal.js';
import { nat } from './nat.js';
import { newDestinations } from './new.js';
import { ports } from './ports.js';
import { protocols } from './protocols.js';
import type { Question } from './question.js';
import { rejected } from './rejected.js';
import { scan } from './scan.js';
import { talkers } from './talkers.js';
import { timeline } from './timeline.js';
import { trace } from './trace.js';

/** All questions, in the order of help and README. */
export const QUESTIONS: readonly Question[] = [
  egress,
  ingress,
  internal,
  endpoints,
  talkers,
  rejected,
  accepted,
  ports,
  admin,
  protocols,
  trace,
  nat,
  timeline,
  scan,
  beacons,
  newDestinations,
  costs,
  coverage,
];
