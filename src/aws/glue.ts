// All that is bundled of this client: the rest of it is nine megabytes.
export { GlueClient, paginateGetPartitions } from '@aws-sdk/client-glue';
