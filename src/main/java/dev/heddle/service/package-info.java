/** The one door to commands for every face: permission, request IDs, admission, supervision and observation. */
package dev.heddle.service;
