// GraphiQL's history plugin keeps each operation with the headers it was sent with, under these names.
const HISTORY = ['graphiql:queries', 'graphiql:favorites'];

/**
 * A view of a Web Storage in which every key begins with `namespace:`, so that other pages of the same origin keep theirs.
 * The history is stored without headers: they hold access tokens.
 */
export function namespacedStorage(backing, namespace) {
  const prefix = `${namespace}:`;
  const ownKeys = () => Object.keys(backing).filter((key) => key.startsWith(prefix));
  return {
    getItem: (key) => backing.getItem(prefix + key),
    setItem: (key, value) => backing.setItem(prefix + key, HISTORY.includes(key) ? withoutHeaders(value) : value),
    removeItem: (key) => backing.removeItem(prefix + key),
    get length() {
      return ownKeys().length;
    },
    clear: () => ownKeys().forEach((key) => backing.removeItem(key)),
  };
}

function withoutHeaders(json) {
  return JSON.stringify(JSON.parse(json), (name, value) => (name === 'headers' ? undefined : value));
}
