/** Certificates and keys in PEM files, for both sides of TLS. */
package dev.heddle.tls;
