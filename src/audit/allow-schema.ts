import { TARGET_FORMS } from './target.js';

const texts = (description: string, item: object = { type: 'string', minLength: 1 }) => ({
  description,
  anyOf: [item, { type: 'array', items: item, minItems: 1 }],
});

const PORT = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: 65_535 },
    { type: 'string', pattern: '^\\d{1,5}(-\\d{1,5})?$|^[a-z][a-z0-9-]*$' },
  ],
};

/** The keys of `[scope]`, each with what an editor says of it and checks. */
export const SCOPE_PROPERTIES = {
  subnets: texts('The addresses that are audited: blocks or named networks.'),
  vpc: texts('The blocks of the VPC, which are inside.'),
  exclude: texts('Destinations outside that are not audited.'),
};

/** The keys of `[[allow]]`. */
export const ENTRY_PROPERTIES = {
  from: texts(`Sources: ${TARGET_FORMS}. All of the scope unless given.`),
  to: texts(`Destinations: ${TARGET_FORMS}.`),
  ports: {
    description: 'Destination ports: 443, or "1024-65535". All unless given.',
    anyOf: [...PORT.anyOf, { type: 'array', items: PORT, minItems: 1 }],
  },
  protocol: texts('tcp, udp, icmp, … or a number. All unless given.', {
    type: ['string', 'integer'],
    minimum: 0,
    maximum: 255,
  }),
  way: texts('How the flow has to leave, such as "internet gateway". Any way unless given.'),
  reason: { description: 'What it is for.', type: 'string' },
  owner: { description: 'Who answers for it.', type: 'string' },
  approved: {
    description: 'Who approved it, or the ticket. An entry without an approval allows nothing.',
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { who: { type: 'string' }, ticket: { type: 'string' }, date: { type: 'string' } },
        additionalProperties: false,
      },
    ],
  },
  expires: {
    description: 'The last day on which it allows: 2027-03-31.',
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  },
  max_bytes_per_day: { description: 'Bytes that it allows on a day.', type: 'integer', minimum: 1 },
};

/** The JSON schema of an allow-list. Editors that check TOML by a schema read draft 7. */
export const ALLOW_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: "flowlog's allow-list of what may leave a network",
  type: 'object',
  required: ['scope'],
  properties: {
    scope: {
      description: 'What is audited.',
      type: 'object',
      required: ['subnets'],
      properties: SCOPE_PROPERTIES,
      additionalProperties: false,
    },
    allow: {
      description: 'What may leave, an entry each.',
      type: 'array',
      items: { type: 'object', required: ['to'], properties: ENTRY_PROPERTIES, additionalProperties: false },
    },
  },
  additionalProperties: false,
};
