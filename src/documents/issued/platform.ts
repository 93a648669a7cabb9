/** The platform as an issuer of documents, and as the operator of the portal through which people pay. */
export const platform = {
  az: 'Pəncərə',
  en: 'Pəncərə, the one window of the state',
  ru: 'Pəncərə, единое окно государства',
}
