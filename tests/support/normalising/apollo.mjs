// Writes answers in the cache of one client, one after the other, then reads each of them again.
import { InMemoryCache, gql } from '@apollo/client'
import { readFileSync } from 'node:fs'

const { possibleTypes, answers } = JSON.parse(readFileSync(0, 'utf8'))
// The lists of one search are asked by several queries: they are kept together.
const cache = new InMemoryCache({ possibleTypes, typePolicies: { SearchResult: { merge: true } } })
const asked = answers.map(({ query, variables, data }) => ({ query: gql(query), variables, data }))
for (const answer of asked) cache.writeQuery(answer)
const read = asked.map(({ query, variables }) => cache.readQuery({ query, variables }))
process.stdout.write(JSON.stringify(read))
