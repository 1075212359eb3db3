/** Structured concurrency: the one class that names the scope of the JDK, whose API differs between releases. */
package dev.heddle.scope;
