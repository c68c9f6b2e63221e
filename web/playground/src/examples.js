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
    query: `# Pasar is one graph. Press Ctrl-Enter.
# One query, five subgraphs: products from catalog, stock from inventory,
# reviews from reviews, their authors from identity, the shop from sellers.
query ProductPage($first: Int!, $after: String) {
  products(first: $first, after: $after, sort: NEWEST) {
    nodes {
      id
      name
      priceRange {
        min {
          amount
          currency
        }
      }
      availability {
        status
        quantity
      }
      rating {
        average
        count
      }
      reviews(first: 1, sort: MOST_HELPFUL) {
        nodes {
          rating
          title
          body
          author {
            displayName
          }
        }
      }
      seller {
        shopName
        city
        isVerified
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: JSON.stringify({ first: 6, after: null }, null, 2),
  },
  {
    query: `# The category tree, with the cheapest goods of one branch.
query Categories {
  categories(first: 20) {
    nodes {
      name
      slug
      children {
        name
        slug
      }
    }
  }
  categoryBySlug(slug: "sayur-buah") {
    name
    ancestors {
      name
    }
    products(first: 5, sort: PRICE_ASC) {
      nodes {
        name
        unit
        priceRange {
          min {
            amount
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# Sign in first (the key on the left): siti@pasar.example, Pasar-Demo-2026!
query Me {
  me {
    displayName
    email
    roles
    sessions {
      id
      deviceName
      isCurrent
    }
  }
}
`,
  },
  {
    query: `# What you are told, as it happens; sign in first, then run this and go on in another tab.
# The number of the last one you saw leaves out nothing after it; 0 begins with the first.
subscription Notifications($afterSeq: Int64) {
  notificationReceived(afterSeq: $afterSeq) {
    seq
    type
    title
    body
    occurredAt
    product {
      name
    }
  }
}
`,
    variables: JSON.stringify({ afterSeq: '0' }, null, 2),
  },
];
