import{a as e}from"./rolldown-runtime-BWaJ3C7D.js";import{dr as t,f as n,fr as r,i,l as a,n as o,r as s,s as c,t as l,u}from"./vendor-DWqUR2Jr.js";(function(){let e=document.createElement(`link`).relList;if(e&&e.supports&&e.supports(`modulepreload`))return;for(let e of document.querySelectorAll(`link[rel="modulepreload"]`))n(e);new MutationObserver(e=>{for(let t of e)if(t.type===`childList`)for(let e of t.addedNodes)e.tagName===`LINK`&&e.rel===`modulepreload`&&n(e)}).observe(document,{childList:!0,subtree:!0});function t(e){let t={};return e.integrity&&(t.integrity=e.integrity),e.referrerPolicy&&(t.referrerPolicy=e.referrerPolicy),t.credentials=e.crossOrigin===`use-credentials`?`include`:e.crossOrigin===`anonymous`?`omit`:`same-origin`,t}function n(e){if(e.ep)return;e.ep=!0;let n=t(e);fetch(e.href,n)}})(),u();var d=i(),f=`mutation Login($input: LoginInput!) {
  login(input: $input) {
    accessToken
    userErrors {
      code
      message
    }
  }
}`,p=[{query:`# Pasar is one graph. Press Ctrl-Enter.
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
`,variables:JSON.stringify({afterSeq:`0`},null,2)}],m=e(t(),1),h=r();function g(e){return{title:`Sign in`,icon:b,content:()=>(0,h.jsx)(_,{endpoint:e})}}function _({endpoint:e}){let t=c(e=>e.headerEditor),[n,r]=(0,m.useState)(null),[i,a]=(0,m.useState)(!1);async function o(n){n.preventDefault();let{email:i,password:o}=Object.fromEntries(new FormData(n.currentTarget));a(!0);try{let n=await v(e,i,o);y(t,`Bearer ${n}`),r({ok:!0,text:`Signed in as ${i}. The token is in the headers of this tab.`})}catch(e){r({ok:!1,text:e.message})}finally{a(!1)}}function s(){try{y(t,null),r({ok:!0,text:`The token is gone from the headers of this tab.`})}catch(e){r({ok:!1,text:e.message})}}return(0,h.jsxs)(`section`,{"aria-label":`Sign in`,children:[(0,h.jsx)(`h2`,{className:`pasar-heading`,children:`Sign in`}),(0,h.jsxs)(`form`,{className:`pasar-form`,onSubmit:o,children:[(0,h.jsxs)(`label`,{children:[`Email`,(0,h.jsx)(`input`,{name:`email`,type:`email`,autoComplete:`username`,required:!0})]}),(0,h.jsxs)(`label`,{children:[`Password`,(0,h.jsx)(`input`,{name:`password`,type:`password`,autoComplete:`current-password`,required:!0})]}),(0,h.jsxs)(`div`,{className:`pasar-actions`,children:[(0,h.jsx)(`button`,{className:`graphiql-button`,type:`submit`,disabled:i,children:`Sign in`}),(0,h.jsx)(`button`,{className:`graphiql-button`,type:`button`,onClick:s,children:`Sign out`})]}),(0,h.jsx)(`p`,{role:`status`,className:n?.ok===!1?`pasar-refused`:void 0,children:n?.text})]})]})}async function v(e,t,n){let r=await fetch(e,{method:`POST`,headers:{"content-type":`application/json`,accept:`application/json`},body:JSON.stringify({query:f,operationName:`Login`,variables:{input:{email:t,password:n}}})}),i=await r.json().catch(()=>{throw Error(`The server answered ${r.status} without JSON.`)}),a=i.data?.login;if(a?.accessToken)return a.accessToken;let o=a?.userErrors?.[0]??i.errors?.[0];throw Error(o?.message??`The answer holds neither a token nor a reason.`)}function y(e,t){let n=e.getValue().trim(),r;try{r=n?JSON.parse(n):{}}catch{throw Error(`The headers tab is not valid JSON: mend or empty it first.`)}let i=Object.entries(r).filter(([e])=>e.toLowerCase()!==`authorization`),a=Object.fromEntries(t?[...i,[`authorization`,t]]:i);e.setValue(Object.keys(a).length?JSON.stringify(a,null,2):``)}function b(){return(0,h.jsxs)(`svg`,{viewBox:`0 0 24 24`,fill:`none`,stroke:`currentColor`,strokeWidth:`1.5`,"aria-hidden":`true`,children:[(0,h.jsx)(`circle`,{cx:`8`,cy:`16`,r:`4.5`}),(0,h.jsx)(`path`,{d:`M11.2 12.8 20 4m-4 4 3 3`,strokeLinecap:`round`,strokeLinejoin:`round`})]})}var x=[`graphiql:queries`,`graphiql:favorites`];function S(e,t){let n=`${t}:`,r=()=>Object.keys(e).filter(e=>e.startsWith(n));return{getItem:t=>e.getItem(n+t),setItem:(t,r)=>e.setItem(n+t,x.includes(t)?C(r):r),removeItem:t=>e.removeItem(n+t),get length(){return r().length},clear:()=>r().forEach(t=>e.removeItem(t))}}function C(e){return JSON.stringify(JSON.parse(e),(e,t)=>e===`headers`?void 0:t)}var w=`/graphql`,T=new URL(w,window.location.href.replace(/^http/,`ws`)).href,E=a({url:w,subscriptionUrl:T}),D=(e,t)=>E(e,{...t,documentAST:O(e.query)??t?.documentAST});function O(e){try{return n(e)}catch{return}}var k=[o,s({showAttribution:!1}),g(w)],A=S(window.localStorage,`pasar`);(0,d.createRoot)(document.getElementById(`root`)).render((0,h.jsx)(l,{fetcher:D,plugins:k,storage:A,defaultTabs:p,defaultEditorToolsVisibility:`variables`,children:(0,h.jsxs)(l.Logo,{children:[(0,h.jsx)(`span`,{className:`pasar-name`,children:`Pasar`}),(0,h.jsx)(`a`,{className:`pasar-link`,href:`/schema.graphql`,target:`_blank`,rel:`noreferrer`,children:`Schema`})]})}));