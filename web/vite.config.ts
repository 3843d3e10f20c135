// Built by CMake (cmake/page.cmake) into the program; `npm run dev` serves it with an attune beside: ATTUNE=http://127.0.0.1:8080.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const attune = process.env.ATTUNE ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  // As if the service had sent the page: it refuses writes of other origins.
  server: { proxy: { '/v1': { target: attune, changeOrigin: true, headers: { origin: attune } } } },
});
