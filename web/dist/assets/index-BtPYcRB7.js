import{a as e}from"./rolldown-runtime-BWaJ3C7D.js";import{cr as t,i as n,l as r,lr as i,n as a,r as o,s,t as c}from"./vendor-38gvTbn2.js";(function(){let e=document.createElement(`link`).relList;if(e&&e.supports&&e.supports(`modulepreload`))return;for(let e of document.querySelectorAll(`link[rel="modulepreload"]`))n(e);new MutationObserver(e=>{for(let t of e)if(t.type===`childList`)for(let e of t.addedNodes)e.tagName===`LINK`&&e.rel===`modulepreload`&&n(e)}).observe(document,{childList:!0,subtree:!0});function t(e){let t={};return e.integrity&&(t.integrity=e.integrity),e.referrerPolicy&&(t.referrerPolicy=e.referrerPolicy),t.credentials=e.crossOrigin===`use-credentials`?`include`:e.crossOrigin===`anonymous`?`omit`:`same-origin`,t}function n(e){if(e.ep)return;e.ep=!0;let n=t(e);fetch(e.href,n)}})();var l=n(),u=`mutation Login($input: LoginInput!) {
  login(input: $input) {
    accessToken
    userErrors {
      code
      message
    }
  }
}`,d=[{query:`# Pasar is one graph. Press Ctrl-Enter.
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
`,variables:JSON.stringify({first:6,after:null},null,2)},{query:`# The category tree, with the cheapest goods of one branch.
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
`},{query:`# Sign in first (the key on the left): siti@pasar.example, Pasar-Demo-2026!
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
`},{query:`# What you are told, as it happens; sign in first, then run this and go on in another tab.
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
`,variables:JSON.stringify({afterSeq:`0`},null,2)}],f=e(t(),1),p=i();function m(e){return{title:`Sign in`,icon:v,content:()=>(0,p.jsx)(h,{endpoint:e})}}function h({endpoint:e}){let t=s(e=>e.headerEditor),[n,r]=(0,f.useState)(null),[i,a]=(0,f.useState)(!1);async function o(n){n.preventDefault();let{email:i,password:o}=Object.fromEntries(new FormData(n.currentTarget));a(!0);try{let n=await g(e,i,o);_(t,`Bearer ${n}`),r({ok:!0,text:`Signed in as ${i}. The token is in the headers of this tab.`})}catch(e){r({ok:!1,text:e.message})}finally{a(!1)}}function c(){try{_(t,null),r({ok:!0,text:`The token is gone from the headers of this tab.`})}catch(e){r({ok:!1,text:e.message})}}return(0,p.jsxs)(`section`,{"aria-label":`Sign in`,children:[(0,p.jsx)(`h2`,{className:`pasar-heading`,children:`Sign in`}),(0,p.jsxs)(`form`,{className:`pasar-form`,onSubmit:o,children:[(0,p.jsxs)(`label`,{children:[`Email`,(0,p.jsx)(`input`,{name:`email`,type:`email`,autoComplete:`username`,required:!0})]}),(0,p.jsxs)(`label`,{children:[`Password`,(0,p.jsx)(`input`,{name:`password`,type:`password`,autoComplete:`current-password`,required:!0})]}),(0,p.jsxs)(`div`,{className:`pasar-actions`,children:[(0,p.jsx)(`button`,{className:`graphiql-button`,type:`submit`,disabled:i,children:`Sign in`}),(0,p.jsx)(`button`,{className:`graphiql-button`,type:`button`,onClick:c,children:`Sign out`})]}),(0,p.jsx)(`p`,{role:`status`,className:n?.ok===!1?`pasar-refused`:void 0,children:n?.text})]})]})}async function g(e,t,n){let r=await fetch(e,{method:`POST`,headers:{"content-type":`application/json`,accept:`application/json`},body:JSON.stringify({query:u,operationName:`Login`,variables:{input:{email:t,password:n}}})}),i=await r.json().catch(()=>{throw Error(`The server answered ${r.status} without JSON.`)}),a=i.data?.login;if(a?.accessToken)return a.accessToken;let o=a?.userErrors?.[0]??i.errors?.[0];throw Error(o?.message??`The answer holds neither a token nor a reason.`)}function _(e,t){let n=e.getValue().trim(),r;try{r=n?JSON.parse(n):{}}catch{throw Error(`The headers tab is not valid JSON: mend or empty it first.`)}let i=Object.entries(r).filter(([e])=>e.toLowerCase()!==`authorization`),a=Object.fromEntries(t?[...i,[`authorization`,t]]:i);e.setValue(Object.keys(a).length?JSON.stringify(a,null,2):``)}function v(){return(0,p.jsxs)(`svg`,{viewBox:`0 0 24 24`,fill:`none`,stroke:`currentColor`,strokeWidth:`1.5`,"aria-hidden":`true`,children:[(0,p.jsx)(`circle`,{cx:`8`,cy:`16`,r:`4.5`}),(0,p.jsx)(`path`,{d:`M11.2 12.8 20 4m-4 4 3 3`,strokeLinecap:`round`,strokeLinejoin:`round`})]})}var y=[`graphiql:queries`,`graphiql:favorites`];function b(e,t){let n=`${t}:`,r=()=>Object.keys(e).filter(e=>e.startsWith(n));return{getItem:t=>e.getItem(n+t),setItem:(t,r)=>e.setItem(n+t,y.includes(t)?x(r):r),removeItem:t=>e.removeItem(n+t),get length(){return r().length},clear:()=>r().forEach(t=>e.removeItem(t))}}function x(e){return JSON.stringify(JSON.parse(e),(e,t)=>e===`headers`?void 0:t)}var S=`/graphql`,C=new URL(S,window.location.href.replace(/^http/,`ws`)).href,w=r({url:S,subscriptionUrl:C}),T=[a,o({showAttribution:!1}),m(S)],E=b(window.localStorage,`pasar`);(0,l.createRoot)(document.getElementById(`root`)).render((0,p.jsx)(c,{fetcher:w,plugins:T,storage:E,defaultTabs:d,defaultEditorToolsVisibility:`variables`,children:(0,p.jsxs)(c.Logo,{children:[(0,p.jsx)(`span`,{className:`pasar-name`,children:`Pasar`}),(0,p.jsx)(`a`,{className:`pasar-link`,href:`/schema.graphql`,target:`_blank`,rel:`noreferrer`,children:`Schema`})]})}));