// Built by CMake (cmake/page.cmake) into the program; `npm run dev` serves it with an attune beside: ATTUNE=http://127.0.0.1:8080.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  // Without an Origin: the service would refuse writes of another one.
  server: { proxy: { '/v1': { target: process.env.ATTUNE ?? 'http://127.0.0.1:8080', changeOrigin: true, headers: { origin: '' } } } },
});
