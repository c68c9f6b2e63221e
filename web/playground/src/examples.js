/** Every GraphQL text of the playground is in this file, so that a change of the schema is a change here only. */

/** Sent by the sign-in panel, with `{ "input": { "email", "password" } }`. */
export const LOGIN = `mutation Login($input: LoginInput!) {
  login(input: $input) {
    accessToken
    userErrors {
      code
      message
    }
  }
}`;

/** The tabs of a first visit. A tab is named after its operation. */
export const EXAMPLES = [
  {
    query: `# Pasar is one graph. Write a query, press Ctrl-Enter.
# Left: types, history, explorer, and a key to sign in.
query Hello {
  __typename
}
`,
  },
  {
    query: `# A product page, answered by four subgraphs.
query ProductPage($id: ID!) {
  product(id: $id) {
    id
    name
    description
    variants {
      id
      sku
      price {
        amount
        currency
      }
      stock {
        available
      }
    }
    seller {
      id
      name
    }
    reviews(first: 5) {
      nodes {
        rating
        body
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`,
    variables: JSON.stringify({ id: 'product_01h455vb4pex5vsknk084sn02q' }, null, 2),
  },
  {
    query: `# The market, 24 items a page.
# For the next page, put endCursor into "after".
query Browse($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    nodes {
      id
      name
      seller {
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: JSON.stringify({ first: 24, after: null }, null, 2),
  },
];
