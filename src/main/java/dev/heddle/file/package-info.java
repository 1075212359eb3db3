/** Files that are read again when they change. */
package dev.heddle.file;
