import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` talks to a router started on its default address.
const ROUTER = 'http://127.0.0.1:4000';

export default defineConfig({
  // The router serves index.html at `/` and everything else of the bundle below `/playground/`.
  base: '/playground/',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    // Monaco, the editor, is one chunk of about 3 MB.
    chunkSizeWarningLimit: 4096,
    rolldownOptions: {
      // What does not change often keeps its bytes and name when src/ changes: dist/ is checked in.
      output: { codeSplitting: { groups: [{ name: 'vendor', test: /node_modules\/(?!monaco|prettier|graphql-ws)/ }] } },
      // React's compiler leaves "use no memo" in GraphiQL's files; it means nothing in a finished bundle.
      onLog: (level, log, next) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && next(level, log),
    },
  },
  server: {
    proxy: { '/graphql': { target: ROUTER, ws: true }, '/schema.graphql': ROUTER },
  },
});
