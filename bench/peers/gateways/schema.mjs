// The types of the typical query for Mercurius and Apollo Server. Fields are read by name from the objects
// of proto-loader. Only the level has a resolver, because its zero is null in GraphQL.
import { searchFormations, searchRecruteurs } from './backend.mjs'

export const typeDefs = `
  type Query { formations: Formations! recruteurs: Recruteurs! }
  type Formations { edges: [FormationEdge!]! }
  type FormationEdge { distanceKm: Float node: Formation! }
  type Recruteurs { edges: [RecruteurEdge!]! }
  type RecruteurEdge { distanceKm: Float node: Recruteur! }
  enum Niveau { NIVEAU_3 NIVEAU_4 NIVEAU_5 NIVEAU_6 NIVEAU_7 }
  type Formation {
    intitule: String!
    niveau: Niveau
    diplome: String
    cfd: String
    rncp: String
    intituleRncp: String
    gestionnaireSiret: String
    sessions: [String!]!
    majLe: String
    source: String!
    fictive: Boolean!
    etablissement: Etablissement!
    lieu: Lieu!
  }
  type Etablissement { siret: String! raisonSociale: String! }
  type Lieu { commune: String }
  type Recruteur {
    siret: String!
    raisonSociale: String!
    enseigne: String
    trancheEffectif: String
    score: Int!
    fictive: Boolean!
    naf: Naf
    lieu: Lieu
  }
  type Naf { code: String! libelle: String! }
`

export const resolvers = {
  Query: {
    formations: () => searchFormations({ romes: ['D1102'], first: 50 }),
    recruteurs: () => searchRecruteurs({ romes: ['D1102'], first: 100 })
  },
  Formation: {
    niveau: (formation) => (formation.niveau === 'NIVEAU_UNSPECIFIED' ? null : formation.niveau)
  }
}
