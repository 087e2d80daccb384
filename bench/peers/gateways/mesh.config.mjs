// The sources from which mesh-compose builds the supergraph of Hive Gateway.
import { fileURLToPath } from 'node:url'
import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadGrpcSubgraph } from '@omnigraph/grpc'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const source = (file) => ({ file: `${ROOT}/protos/${file}`, load: { includeDirs: [ROOT] } })
const endpoint = process.env.BACKEND

export const composeConfig = defineConfig({
  subgraphs: [
    { sourceHandler: loadGrpcSubgraph('catalogue', { endpoint, source: source('catalogue.proto') }) },
    { sourceHandler: loadGrpcSubgraph('prediction', { endpoint, source: source('prediction.proto') }) }
  ]
})
