const query = `# Pour un métier et un lieu : les formations et les employeurs, en une requête.
# Ctrl-Espace propose les champs ; Ctrl-Entrée exécute.
query Recherche($romes: [String!]!, $lieu: ZoneInput!) {
  search(criteria: {romes: $romes, zone: $lieu}) {
    formations(first: 20) {
      totalCount
      edges {
        distanceKm
        node {
          id
          intitule
          niveau
          etablissement { siret raisonSociale commune }
          rendezVous { open nextCreneaux(first: 3) { id start end } }
        }
      }
      pageInfo { endCursor hasNextPage }
      facets { niveaux { value count } }
      message
    }
    employeurs(first: 30) {
      totalCount
      edges {
        source
        distanceKm
        score
        raisons { libelle poids }
        node {
          __typename
          ... on Offre { id intitule entreprise { nom } contrat { type } publieeLe }
          ... on BesoinMatcha { id intitule opco expireLe }
          ... on RecruteurProbable { siret raisonSociale }
        }
      }
    }
    sources { name status elapsedMs message }
  }
}
`;
const variables = JSON.stringify(
  {romes: ["D1102"], lieu: {around: {latitude: 48.8566, longitude: 2.3522, rayonKm: 30}}}, null, 2);
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({url: "/graphql"}),
    defaultQuery: query,
    variables,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "variables",
  }));
