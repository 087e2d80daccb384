// Hive Gateway without logs and pages.
import { defineConfig } from '@graphql-hive/gateway'

export const gatewayConfig = defineConfig({
  logging: false,
  graphiql: false,
  landingPage: false
})
