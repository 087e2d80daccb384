// Hive Gateway, with what it does besides answering turned off.
import { defineConfig } from '@graphql-hive/gateway'

export const gatewayConfig = defineConfig({
  logging: false,
  graphiql: false,
  landingPage: false
})
