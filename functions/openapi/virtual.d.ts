/** The build makes this module of all folders in functions/: see infra/build/openapi.mjs. */
declare module 'virtual:documented-functions' {
  const functions: import('./document.ts').DocumentedFunction[];
  export default functions;
}
