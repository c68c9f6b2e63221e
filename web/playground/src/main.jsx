import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './playground.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { parse } from 'graphql';
import { createRoot } from 'react-dom/client';

import { EXAMPLES } from './examples.js';
import { signInPlugin } from './sign-in.jsx';
import { namespacedStorage } from './storage.js';

const ENDPOINT = '/graphql';
const SOCKET = new URL(ENDPOINT, window.location.href.replace(/^http/, 'ws')).href;

// The fetcher sends `content-type: application/json` itself; what the headers tab holds goes with every request, and to
// subscriptions as the connection's parameters. A socket is opened only when a subscription is run.
const send = createGraphiQLFetcher({ url: ENDPOINT, subscriptionUrl: SOCKET });

// GraphiQL parses the text a moment after the last key: who presses Run before that must not have a subscription sent by POST.
const fetcher = (request, options) => send(request, { ...options, documentAST: parsed(request.query) ?? options?.documentAST });

function parsed(query) {
  try {
    return parse(query);
  } catch {
    return undefined; // The server says what is wrong with it.
  }
}

// Made once: GraphiQL compares plugins by identity.
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false }), signInPlugin(ENDPOINT)];
const storage = namespacedStorage(window.localStorage, 'pasar');

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    storage={storage}
    defaultTabs={EXAMPLES}
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <span className="pasar-name">Pasar</span>
      <a className="pasar-link" href="/schema.graphql" target="_blank" rel="noreferrer">
        Schema
      </a>
    </GraphiQL.Logo>
  </GraphiQL>,
);
