// The two calls of Mercurius and Apollo Server, with one open channel for each service.
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import grpc from '@grpc/grpc-js'
import loader from '@grpc/proto-loader'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const definition = loader.loadSync(['protos/catalogue.proto', 'protos/prediction.proto'], {
  includeDirs: [ROOT],
  // A plain proto3 field that is absent from the message gets its zero value; an optional one stays absent.
  defaults: true,
  enums: String,
  longs: Number
})
const { lba } = grpc.loadPackageDefinition(definition)
const insecure = grpc.credentials.createInsecure()
const catalogue = new lba.catalogue.v1.Catalogue(process.env.BACKEND, insecure)
const prediction = new lba.prediction.v1.Prediction(process.env.BACKEND, insecure)

export const searchFormations = promisify(catalogue.searchFormations).bind(catalogue)
export const searchRecruteurs = promisify(prediction.searchRecruteurs).bind(prediction)
