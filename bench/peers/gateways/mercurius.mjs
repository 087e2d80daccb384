import Fastify from 'fastify'
import mercurius from 'mercurius'
import { resolvers, typeDefs } from './schema.mjs'

const app = Fastify({ logger: false })
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1, graphiql: false })
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
